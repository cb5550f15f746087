//! [`Program`]: the commitment programmes whose application order is documented.

use std::fmt;
use std::str::FromStr;

/// A provider's commitment programme. The order of the variants is no order of application; `replay` states that.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Program {
    /// AWS Reserved Instance or reserved node of the standard offering class: cannot be exchanged.
    AwsStandardReservedInstance,
    /// AWS Reserved Instance of the convertible offering class: can be exchanged for one of equal or greater value.
    AwsConvertibleReservedInstance,
    /// AWS EC2 Instance Savings Plan: one instance family in one region.
    AwsEc2InstanceSavingsPlan,
    /// AWS Compute Savings Plan: EC2, Fargate and Lambda in every region.
    AwsComputeSavingsPlan,
    /// AWS SageMaker AI Savings Plan.
    AwsSageMakerSavingsPlan,
    /// AWS Database Savings Plan.
    AwsDatabaseSavingsPlan,
    /// Azure reservation.
    AzureReservation,
    /// Azure savings plan for compute or for databases.
    AzureSavingsPlan,
    /// Google Cloud resource-based committed use discount.
    GcpResourceCommitment,
    /// Google Cloud spend-based committed use discount.
    GcpSpendCommitment,
    /// Any other, by the name that the bill gives it (`CommitmentDiscountType`).
    Other(String),
}

impl Program {
    /// The programmes that have a name of their own, in the order of the variants.
    pub const NAMED: [Self; 10] = [
        Self::AwsStandardReservedInstance,
        Self::AwsConvertibleReservedInstance,
        Self::AwsEc2InstanceSavingsPlan,
        Self::AwsComputeSavingsPlan,
        Self::AwsSageMakerSavingsPlan,
        Self::AwsDatabaseSavingsPlan,
        Self::AzureReservation,
        Self::AzureSavingsPlan,
        Self::GcpResourceCommitment,
        Self::GcpSpendCommitment,
    ];

    /// The key in files and on the wire, such as `aws-compute-savings-plan`; the bill's own name for [`Program::Other`].
    #[must_use]
    pub fn key(&self) -> &str {
        match self {
            Self::AwsStandardReservedInstance => "aws-standard-reserved-instance",
            Self::AwsConvertibleReservedInstance => "aws-convertible-reserved-instance",
            Self::AwsEc2InstanceSavingsPlan => "aws-ec2-instance-savings-plan",
            Self::AwsComputeSavingsPlan => "aws-compute-savings-plan",
            Self::AwsSageMakerSavingsPlan => "aws-sagemaker-savings-plan",
            Self::AwsDatabaseSavingsPlan => "aws-database-savings-plan",
            Self::AzureReservation => "azure-reservation",
            Self::AzureSavingsPlan => "azure-savings-plan",
            Self::GcpResourceCommitment => "gcp-resource-commitment",
            Self::GcpSpendCommitment => "gcp-spend-commitment",
            Self::Other(name) => name,
        }
    }

    /// Whether usage is reserved (units of a size), not spend committed.
    #[must_use]
    pub const fn reserves_usage(&self) -> bool {
        matches!(
            self,
            Self::AwsStandardReservedInstance
                | Self::AwsConvertibleReservedInstance
                | Self::AzureReservation
                | Self::GcpResourceCommitment
        )
    }
}

impl fmt::Display for Program {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::AwsStandardReservedInstance => "AWS standard Reserved Instance",
            Self::AwsConvertibleReservedInstance => "AWS convertible Reserved Instance",
            Self::AwsEc2InstanceSavingsPlan => "AWS EC2 Instance Savings Plan",
            Self::AwsComputeSavingsPlan => "AWS Compute Savings Plan",
            Self::AwsSageMakerSavingsPlan => "AWS SageMaker Savings Plan",
            Self::AwsDatabaseSavingsPlan => "AWS Database Savings Plan",
            Self::AzureReservation => "Azure reservation",
            Self::AzureSavingsPlan => "Azure savings plan",
            Self::GcpResourceCommitment => "Google Cloud resource commitment",
            Self::GcpSpendCommitment => "Google Cloud spend commitment",
            Self::Other(name) => name,
        })
    }
}

impl FromStr for Program {
    type Err = std::convert::Infallible;

    /// The programme of a key; a key that is none of the named ones is [`Program::Other`].
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self::NAMED
            .into_iter()
            .find(|program| program.key() == text)
            .unwrap_or_else(|| Self::Other(text.to_owned())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_back() {
        for program in Program::NAMED {
            assert_eq!(program.key().parse(), Ok(program.clone()), "{program}");
        }
        assert_eq!("Flex Plan".parse(), Ok(Program::Other("Flex Plan".to_owned())));
    }
}
